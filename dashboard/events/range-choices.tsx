import { usePreferences, useView } from '../app-context.tsx';
import { formatClock } from '../format/format-time.ts';
import { Choices } from '../view/choices.tsx';
import { type RangeName, ranges } from '../view/view.ts';

const options = Object.entries(ranges).map(([value, { label }]) => ({ value: value as RangeName, label }));

/** The live ranges, and the way back from a zoom. */
export function RangeChoices(): React.ReactNode {
  const [view, change] = useView();
  const [{ zone }] = usePreferences();
  return (
    <>
      {view.zoom === null ? null : (
        <button type="button" className="button button-small" onClick={() => change({ zoom: null })}>
          {formatClock(view.zoom.fromMs, zone)} – {formatClock(view.zoom.toMs, zone)} ✕
        </button>
      )}
      <Choices
        label="Time range"
        options={options}
        chosen={view.zoom === null ? view.range : null}
        onChoose={(range) => change({ range, zoom: null })}
      />
    </>
  );
}
