/** The longest time that a timer takes (2^31 - 1 milliseconds): beyond it, timers fire at once. */
export const longestSleepMs = 2_147_483_647;
