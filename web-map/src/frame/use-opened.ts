import { useState } from 'react';

/** Whether it is open or was: what is loaded only when it is first opened stays then, so that it can be seen to close. */
export function useOpened(open: boolean): boolean {
  const [opened, setOpened] = useState(open);
  if (open && !opened) setOpened(true);
  return open || opened;
}
