// SPDX-License-Identifier: Apache-2.0
// Everything an embedder needs.
#pragma once

#include "pangu/dtype.h"
#include "pangu/engine.h"
#include "pangu/error.h"
#include "pangu/sampling.h"
#include "pangu/token.h"
#include "pangu/tokenizer.h"
