// SPDX-License-Identifier: Apache-2.0
// One suite for each seam, run over every implementation of it.
#define BOOST_TEST_MODULE contract
#include <boost/test/unit_test.hpp>
