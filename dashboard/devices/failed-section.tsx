import { Failed, type FailedProps } from '../blanks/blank.tsx';
import './device-page.css';

/** A section of a device's page whose question failed, under its title. */
export function FailedSection({
  title,
  ...failed
}: FailedProps & { readonly title: string }): React.ReactNode {
  return (
    <section className="panel device-section">
      <h2>{title}</h2>
      <Failed {...failed} />
    </section>
  );
}
