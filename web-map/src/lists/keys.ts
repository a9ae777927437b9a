// What a key means in the table, apart from moving. Pure.

export type Act = 'undo' | 'redo' | 'fill' | 'all' | 'clear' | 'edit' | 'leave' | 'open' | null;

type Key = { key: string; ctrl: boolean; shift: boolean };

/** `isCode`: the active cell has the code, which opens its case. */
export function actOf({ key, ctrl, shift }: Key, isCode: boolean): Act {
  const letter = key.toLowerCase();
  if (ctrl && letter === 'z') return shift ? 'redo' : 'undo';
  if (ctrl && letter === 'y') return 'redo';
  if (ctrl && letter === 'd') return 'fill';
  if (ctrl && letter === 'a') return 'all';
  if (ctrl) return null;
  if (key === 'Delete' || key === 'Backspace') return 'clear';
  if (key === 'F2') return 'edit';
  if (key === 'Escape') return 'leave';
  if (key === 'Enter' && isCode && !shift) return 'open';
  return null;
}
