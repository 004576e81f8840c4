import type { Scenario } from '../scenario.ts';
import { rolesKilled } from './roles-killed.ts';

export const scenarios: readonly Scenario[] = [rolesKilled];
