import { z } from 'zod';

import type { Detection, Detector } from '../../detector.ts';
import { jsonState } from '../rules/json-state.ts';
import { type LogTemplate, TemplateTree } from './template-tree.ts';
import { tokens } from './tokens.ts';

/** One line of a log. */
export interface LogLine {
  readonly timeMs: number;
  readonly message: string;
}

export interface LogTemplatesOptions {
  readonly capacity: number;
  readonly similarity: number;
  /** Lines before a new template is news. */
  readonly warmUp: number;
  /** Lines of one template within an hour that are a burst: this many times the usual, and at least so many. */
  readonly burstFactor: number;
  readonly burstLeast: number;
}

const logTemplateDefaults: LogTemplatesOptions = {
  capacity: 100,
  similarity: 0.5,
  warmUp: 500,
  burstFactor: 8,
  burstLeast: 50,
};

export interface LogTemplatesState {
  lines: number;
  readonly tree: TemplateTree;
}

const templateSchema = z.object({
  words: z.array(z.string()),
  count: z.number(),
  hourStartMs: z.number(),
  inHour: z.number(),
  usualPerHour: z.number(),
  hours: z.number(),
  lastLine: z.number(),
});
const storedSchema = z.object({ lines: z.number(), templates: z.array(templateSchema) });
const hourMs = 3_600_000;

/**
 * Mines the templates of a log and says when a new one appears and when one explodes. The message is hostile text: it
 * is cut, only compared, and stands in the reason's values alone. At most 100 templates of 32 words a log: under 20 KB
 * for ordinary ones, 250 KB for the most hostile.
 */
export function createLogTemplates(
  options: LogTemplatesOptions = logTemplateDefaults,
): Detector<LogTemplatesState, LogLine> {
  const stored = jsonState(storedSchema);
  return {
    name: 'log-templates',
    version: 1,
    create: () => ({ lines: 0, tree: new TemplateTree(options) }),
    observe: (state, { timeMs, message }) => {
      const words = [...tokens(message)];
      state.lines++;
      const known = state.tree.match(words);
      if (known !== null) return countLine(known, timeMs, state.lines, options);
      state.tree.add(newTemplate(words, timeMs, state.lines));
      return state.lines > options.warmUp ? newDetection(words, state) : null;
    },
    serialise: ({ lines, tree }) => stored.serialise({ lines, templates: [...tree.all()] }),
    restore: (bytes) => {
      const { lines, templates } = stored.restore(bytes);
      const tree = new TemplateTree(options);
      for (const template of templates.slice(0, options.capacity)) tree.add(template);
      return { lines, tree };
    },
  };
}

function newTemplate(words: string[], timeMs: number, line: number): LogTemplate {
  return { words, count: 1, hourStartMs: timeMs, inHour: 1, usualPerHour: 0, hours: 0, lastLine: line };
}

function countLine(
  template: LogTemplate,
  timeMs: number,
  line: number,
  { burstFactor, burstLeast }: LogTemplatesOptions,
): Detection | null {
  template.count++;
  template.lastLine = line;
  closeHours(template, timeMs);
  template.inHour++;
  const burst = Math.max(burstLeast, Math.ceil(burstFactor * template.usualPerHour));
  if (template.hours === 0 || template.inHour !== burst) return null;
  const { inHour, usualPerHour } = template;
  return {
    score: 0.75,
    kind: 'template-burst',
    reason: {
      summary: `${inHour} lines of one template within an hour, ${usualPerHour.toFixed(1)} are usual`,
      values: { template: template.words.join(' '), inHour, usualPerHour, count: template.count },
    },
  };
}

/** Ends the hour that is over: its lines, and the empty hours behind it, count a tenth each in what is usual. */
function closeHours(template: LogTemplate, timeMs: number): void {
  const passed = Math.floor((timeMs - template.hourStartMs) / hourMs);
  if (passed === 0) return;
  if (passed > 0) {
    const weight = template.hours === 0 ? 1 : 0.1;
    template.usualPerHour += weight * (template.inHour - template.usualPerHour);
    template.usualPerHour *= 0.9 ** Math.min(passed - 1, 1_000);
    template.hours += passed;
    template.inHour = 0;
  }
  // A clock set back begins the hour anew.
  template.hourStartMs = passed > 0 ? template.hourStartMs + passed * hourMs : timeMs;
}

/** The more lines without a new template, the more a new one says. */
function newDetection(words: readonly string[], { lines, tree }: LogTemplatesState): Detection {
  const linesPerTemplate = lines / tree.size;
  return {
    score: 1 - 2 ** -(linesPerTemplate / 25),
    kind: 'template-new',
    reason: {
      summary: `a new template in a log of ${lines} lines and ${tree.size} templates`,
      values: { template: words.join(' '), lines, templates: tree.size },
    },
  };
}
