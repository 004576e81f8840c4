import { dedupe } from '../../enrichers/dedupe.ts';
import { storyTopics } from '../../streams/simulation/story.ts';
import type { Stage } from '../../streams/stage.ts';

const dayMs = 86_400_000;

/** The platform's own dedupe stage, keeping its marks in the simulated world. */
export function dedupeInTheStory(): Stage {
  const stage = dedupe({ windowMs: dayMs, marksRetentionMs: 2 * dayMs });
  return { ...stage, changelog: { topic: storyTopics.marks, cleanup: 'delete', retentionMs: 2 * dayMs } };
}
