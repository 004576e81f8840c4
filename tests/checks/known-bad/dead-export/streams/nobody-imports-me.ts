export const nobody = true;
