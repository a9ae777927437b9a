import type { TFunction } from 'i18next';
import { Problem } from '../api/client';

/** What a refused sign-in means, in plain words; the server's own sentence goes beside it. */
export function refusal(error: unknown, t: TFunction): string {
  if (!(error instanceof Problem)) return t('session.failed');
  if (error.status === 401) return t('session.wrong');
  if (error.status === 429) {
    if (error.retryAfter === null) return t('session.too_many');
    const minutes = Math.ceil(error.retryAfter / 60);
    return error.retryAfter < 90
      ? t('session.wait_seconds', { seconds: error.retryAfter })
      : t('session.wait_minutes', { minutes });
  }
  return t('session.failed');
}
