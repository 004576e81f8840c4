export const draws = true;
