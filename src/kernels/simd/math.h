// SPDX-License-Identifier: Apache-2.0
// exp and sigmoid for any of the vector types; included only by ISA files.
#pragma once

namespace pangu {
namespace {

/// e^x to about one unit in the last place: x = n ln 2 + r with |r| <= ln(2) / 2, a polynomial
/// (Cephes' coefficients for e^r) and a scaling by 2^n. Below -104 the result is 0, a NaN stays
/// one.
template <class V>
typename V::Reg vexp(typename V::Reg x) {
  using Reg = typename V::Reg;
  // The bound comes first: min and max give their second operand when one is NaN.
  x = V::min(V::set1(88.72283f), V::max(V::set1(-104.0f), x));
  const Reg n = V::round(V::mul(x, V::set1(1.44269504088896341f)));
  Reg r = V::fnma(n, V::set1(0.693359375f), x);
  r = V::fnma(n, V::set1(-2.12194440e-4f), r);
  Reg p = V::set1(1.9875691500e-4f);
  p = V::fma(p, r, V::set1(1.3981999507e-3f));
  p = V::fma(p, r, V::set1(8.3334519073e-3f));
  p = V::fma(p, r, V::set1(4.1665795894e-2f));
  p = V::fma(p, r, V::set1(1.6666665459e-1f));
  p = V::fma(p, r, V::set1(5.0000001201e-1f));
  p = V::fma(V::mul(p, r), r, V::add(r, V::set1(1.0f)));
  return V::scale(p, n);
}

/// x / (1 + e^-x)
template <class V>
typename V::Reg vsilu(typename V::Reg x) {
  const auto one = V::set1(1.0f);
  return V::div(x, V::add(one, vexp<V>(V::sub(V::zero(), x))));
}

}  // namespace
}  // namespace pangu
