// What may be attached, looked at before anything is sent; the server looks again, at the content too. Pure.
import type { Attachments } from '../api/papers';

/** Null where nothing speaks against it. */
export function unfit(
  file: Pick<File, 'name' | 'size'>,
  limits: Attachments['limits'],
): 'kind' | 'large' | 'empty' | null {
  const ending = file.name.match(/\.([^.]+)$/)?.[1]?.toLowerCase();
  const kind = ending === 'jpeg' ? 'jpg' : ending;
  if (kind === undefined || !limits.kinds.includes(kind)) return 'kind';
  if (file.size === 0) return 'empty';
  return file.size > limits.file_bytes ? 'large' : null;
}
