# Compile flags shared by every target of the project, as one interface target.
add_library(pangu_flags INTERFACE)
target_compile_features(pangu_flags INTERFACE cxx_std_20)
target_compile_options(pangu_flags INTERFACE
  -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
  # Designated initializers name what matters and leave the rest to its default.
  -Wno-missing-field-initializers
  # The same code gives the same object in every folder, so that a compiler cache serves all clones.
  -ffile-prefix-map=${PROJECT_SOURCE_DIR}=.
  # A kernel's result must not depend on where the compiler chose to fuse: fma is always explicit.
  -ffp-contract=off)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # -Wignored-attributes: vector types as template arguments lose alignment attributes that the
  # kernels do not rely on. GCC 12 misreads `"text" + std::string` (-Wrestrict, GCC bug 105651), and
  # moved variants and its own AVX-512 header (-Wmaybe-uninitialized, GCC bug 105593).
  target_compile_options(pangu_flags INTERFACE
    -Wno-ignored-attributes -Wno-restrict -Wno-maybe-uninitialized -Wno-uninitialized)
endif()
if(PANGU_WERROR)
  target_compile_options(pangu_flags INTERFACE -Werror)
endif()
if(PANGU_SANITIZE)
  target_compile_options(pangu_flags INTERFACE
    -fsanitize=${PANGU_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(pangu_flags INTERFACE -fsanitize=${PANGU_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    target_link_options(pangu_flags INTERFACE -fuse-ld=lld)
  endif()
endif()
# What is not itself timed or tested is optimized little, test code not at all, and under sanitizers
# nothing but the layers that compute much (HOT in src/CMakeLists.txt): compiling is most of what a
# build and the checks cost.
add_library(pangu_test_flags INTERFACE)
target_compile_options(pangu_test_flags INTERFACE -O0)
add_library(pangu_outer_flags INTERFACE)
add_library(pangu_cold_flags INTERFACE)
if(PANGU_SANITIZE)
  target_compile_options(pangu_outer_flags INTERFACE -O0)
  target_compile_options(pangu_cold_flags INTERFACE -O0)
else()
  target_compile_options(pangu_outer_flags INTERFACE -O1)
endif()
add_library(pangu_coverage_flags INTERFACE)
if(PANGU_BUILD_FUZZERS)
  target_compile_options(pangu_coverage_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# Instruction sets are chosen at run time, so every variant is always built; its flags sit on its
# own files alone. Files ending in _avx2.cpp, _avx512.cpp and so on hold such variants.
set(PANGU_X86_ISAS avx2 avxvnni avx512 avx512vnni avx512bf16 amx)
set(PANGU_ARM_ISAS neon neondotprod neoni8mm)
set(PANGU_ALL_ISAS ${PANGU_X86_ISAS} ${PANGU_ARM_ISAS})
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|amd64|AMD64)$")
  set(PANGU_ISAS ${PANGU_X86_ISAS})
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64)$")
  set(PANGU_ISAS ${PANGU_ARM_ISAS})
else()
  set(PANGU_ISAS "")
endif()
set(PANGU_FLAGS_avx2 -mavx2 -mfma -mf16c)
set(PANGU_FLAGS_avxvnni ${PANGU_FLAGS_avx2} -mavxvnni)
set(PANGU_FLAGS_avx512 -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx2 -mfma -mf16c)
set(PANGU_FLAGS_avx512vnni ${PANGU_FLAGS_avx512} -mavx512vnni)
set(PANGU_FLAGS_avx512bf16 ${PANGU_FLAGS_avx512vnni} -mavx512bf16 -mavx512vbmi)
set(PANGU_FLAGS_amx ${PANGU_FLAGS_avx512bf16} -mamx-tile -mamx-int8 -mamx-bf16)
set(PANGU_FLAGS_neon "")  # every 64-bit Arm processor has it
set(PANGU_FLAGS_neondotprod -march=armv8.2-a+dotprod)
set(PANGU_FLAGS_neoni8mm -march=armv8.2-a+dotprod+i8mm)
if(PANGU_SANITIZE)
  # Optimizing instrumented tiles takes clang minutes a file. Those of AVX2, which every test machine
  # has, are worth it without the check that costs most of it: where a pointer that wrapped is used,
  # AddressSanitizer sees it.
  list(APPEND PANGU_FLAGS_avx2 -fno-sanitize=pointer-overflow)
  foreach(isa avxvnni avx512 avx512vnni avx512bf16 amx)
    list(APPEND PANGU_FLAGS_${isa} -O0)
  endforeach()
endif()
