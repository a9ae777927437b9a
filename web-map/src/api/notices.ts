// Notices to the units that an account answers for, as the server answers them.
import { useQuery } from '@tanstack/react-query';
import { getJson, sendJson } from './client';
import type { components } from './schema.gen';

export type Notices = components['schemas']['Notices'];
export type Notice = Notices['notices'][number];

const root = '/api/v1/notices';
/** Milliseconds between two looks at the count. */
const pause = 60_000;
const atOnce = 50;

export function useNotices(asked: boolean) {
  return useQuery({
    queryKey: ['notices'],
    queryFn: ({ signal }) => getJson<Notices>(`${root}?limit=${atOnce}`, signal),
    enabled: asked,
    refetchInterval: pause,
  });
}

export const readNotice = (noticeId: number) =>
  sendJson<{ unread: number }>('POST', `${root}/${noticeId}/read`, {});
export const readNotices = (upTo: number) =>
  sendJson<{ unread: number }>('POST', `${root}/read`, { up_to: upTo });
