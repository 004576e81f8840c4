#!/usr/bin/env -S node --max-semi-space-size=8 --initial-old-space-size=48 --heap-growing-percent=200
// The name of the program until it became JavaScript: npx keeps its link to a package's program, and never looks again.
import './openframe.js';
