import { CopyableCommand } from '../blanks/copyable-command.tsx';
import './pipeline.css';
import { usePipelines } from './use-pipelines.ts';

/** Says at the top of the page which pipeline stopped, why, and what to do. */
export function StoppedPipelines(): React.ReactNode {
  const { data } = usePipelines();
  const stopped = data?.items.filter(({ state }) => state === 'stopped') ?? [];
  return stopped.map(({ name, reason }) => (
    <div key={name} className="stopped" role="alert">
      <div>
        <strong>The pipeline “{name}” has stopped.</strong>
        <p>{reason ?? 'It gave no reason; the server’s log says more.'}</p>
        <p>
          Events are still accepted and kept; they pass once it runs again. See what it could not process:
        </p>
      </div>
      <CopyableCommand command="npx openframe dead-letters list" />
    </div>
  ));
}

/** Says which pipelines run and yet have something to say: what they wait for, or whom they go on without. */
export function HinderedPipelines(): React.ReactNode {
  const { data } = usePipelines();
  const hindered = data?.items.filter(({ state, reason }) => state === 'running' && reason !== null) ?? [];
  return hindered.map(({ name, reason }) => (
    <p key={name} className="hindered" role="status">
      <strong>The pipeline “{name}” runs.</strong> {reason}
    </p>
  ));
}
