// What the library's icons have no sign for: ways to draw round land, and to measure it.
import type { ReactNode } from 'react';
import type { Tool } from './store';

function Sign({ children }: { children: ReactNode }) {
  return (
    <span className="anticon" role="presentation">
      <svg
        viewBox="0 0 16 16"
        width="18"
        height="18"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.3"
        strokeLinejoin="round"
        strokeLinecap="round"
        aria-hidden="true"
      >
        {children}
      </svg>
    </span>
  );
}

export const icons: Record<Tool, ReactNode> = {
  box: (
    <Sign>
      <rect x="2" y="3" width="12" height="10" strokeDasharray="2.4 1.8" />
    </Sign>
  ),
  lasso: (
    <Sign>
      <path d="M4.6 10.2C2.6 9.4 1.6 8 2 6.4 2.6 4 6 2.4 9.4 2.8s5.2 2.6 4.4 4.8-4.2 3.4-7.4 3" />
      <circle cx="5.4" cy="10.8" r="1.2" />
      <path d="M5.2 12c.4 1-.2 1.8-1.2 2.2" />
    </Sign>
  ),
  polygon: (
    <Sign>
      <path d="M3 5.2 8.6 2.4 13.4 7l-2.6 6H4.4z" />
      <g fill="currentColor" stroke="none">
        <circle cx="3" cy="5.2" r="1.4" />
        <circle cx="8.6" cy="2.4" r="1.4" />
        <circle cx="13.4" cy="7" r="1.4" />
        <circle cx="10.8" cy="13" r="1.4" />
        <circle cx="4.4" cy="13" r="1.4" />
      </g>
    </Sign>
  ),
  circle: (
    <Sign>
      <circle cx="8" cy="8" r="5.8" />
      <path d="M8 8h5.8" strokeDasharray="1.6 1.4" />
      <circle cx="8" cy="8" r="1" fill="currentColor" stroke="none" />
    </Sign>
  ),
  distance: (
    <Sign>
      <path d="M1.8 10.4 10.4 1.8l3.8 3.8-8.6 8.6z" />
      <path d="m4 8.2 1.4 1.4M6.2 6l2 2M8.4 3.8l1.4 1.4" />
    </Sign>
  ),
  area: (
    <Sign>
      <path d="M2.4 13.6V2.4h11.2v11.2z" />
      <path d="m2.6 8.4 5.8-5.8M2.6 13.2 13.2 2.6M7.6 13.4l5.8-5.8" strokeWidth="1" />
    </Sign>
  ),
};
