/** The product's mark. */
export function Mark(): React.ReactNode {
  return (
    <svg className="mark" viewBox="0 0 16 16" width="22" height="22" aria-hidden="true">
      <rect x="1" y="1" width="14" height="14" rx="3.5" fill="none" stroke="currentColor" strokeWidth="1.6" />
      <path
        d="M3.6 9h2l1.6-4.4 2 7L11 8h1.5"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        strokeLinejoin="round"
        strokeLinecap="round"
      />
    </svg>
  );
}
