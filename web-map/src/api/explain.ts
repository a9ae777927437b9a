import type { TFunction } from 'i18next';
import { Problem } from './client';

/** A sentence that says what to do: the server's own where it wrote one. */
export function explain(error: unknown, t: TFunction): string {
  if (!(error instanceof Problem)) return error instanceof Error ? error.message : String(error);
  if (error.status === 0) return t('error.network');
  if (error.status >= 500) return t('error.server', { status: error.status });
  if (error.message) return error.at ? `${error.at}: ${error.message}` : error.message;
  if (error.status === 401 || error.status === 403) return t('error.forbidden');
  return t('error.server', { status: error.status });
}
