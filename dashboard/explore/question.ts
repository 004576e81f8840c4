import type { ExploreState, ExploreWindow } from './explore-state.ts';
import type { ChangeExplore } from './use-explore.ts';

/** What each part of the page is given: the same question, and the way to change it. */
export interface Question {
  readonly state: ExploreState;
  readonly window: ExploreWindow;
  readonly change: ChangeExplore;
}
