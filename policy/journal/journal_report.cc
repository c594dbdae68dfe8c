// SPDX-License-Identifier: Apache-2.0
#include "policy/journal/journal_report.h"
