// SPDX-License-Identifier: Apache-2.0
// Options whose value is a list with commas: "1,2,8".
#pragma once

#include <CLI/App.hpp>
#include <cstdint>
#include <string>
#include <vector>

namespace pangu::app {

/// The parts between the commas; one empty part of an empty list.
std::vector<std::string> list_items(const std::string& list);
/// The same as numbers, of a list that was checked.
std::vector<std::int64_t> list_numbers(const std::string& list);

/// Accepts lists whose items pass `check`; what it makes of an item takes its place.
CLI::Validator list_of(const CLI::Validator& check);
/// And in which none comes twice.
CLI::Validator set_of(const CLI::Validator& check);

}  // namespace pangu::app
