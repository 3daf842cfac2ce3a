// SPDX-License-Identifier: AGPL-3.0-or-later
// Empty on purpose: the one unit of satchel_test_main that uses, and so builds, the tests' precompiled header.
