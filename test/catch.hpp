// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Catch2 version 2 and version 3 under one name.

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif
