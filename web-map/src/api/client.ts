// The only place that calls the server. A refusal becomes a `Problem`, whose message is the sentence
// the server wrote for the reader.
import { toPath } from '../state/base';

export class Problem extends Error {
  readonly status: number;
  readonly at: string | null;
  /** The last segment of the problem's type: `password-expired`. */
  readonly kind: string | null;
  /** Seconds to wait, where the server says so. */
  readonly retryAfter: number | null;
  /** The answer's own members, beside the ones that every problem has. */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(
    status: number,
    message: string,
    more: Partial<Pick<Problem, 'at' | 'kind' | 'retryAfter' | 'members'>> = {},
  ) {
    super(message);
    this.name = 'Problem';
    this.status = status;
    this.at = more.at ?? null;
    this.kind = more.kind ?? null;
    this.retryAfter = more.retryAfter ?? null;
    this.members = more.members ?? {};
  }
}

export const sessionPath = '/api/v1/session';

const listeners = new Set<() => void>();

/** Calls `listener` whenever an answer says that one has to sign in; returns the undo. */
export function onSignInNeeded(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** For answers that did not come through here: the map fetches its tiles itself. */
export function noteStatus(status: unknown): void {
  if (status === 401) listeners.forEach((it) => it());
}

/** Status 0: the server was not reached at all. */
async function call(path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(toPath(path), { credentials: 'same-origin', ...init });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new Problem(0, '');
  }
  if (!response.ok) {
    // Of signing in itself a 401 says nothing about the session there is.
    if (path !== sessionPath) noteStatus(response.status);
    throw await problem(response);
  }
  return response;
}

async function problem(response: Response): Promise<Problem> {
  const body: unknown = await response.json().catch(() => null);
  return toProblem(response.status, body, response.headers.get('retry-after'));
}

function toProblem(status: number, body: unknown, retryAfter: string | null): Problem {
  const members = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  const member = (name: string) => {
    const value = members[name];
    return typeof value === 'string' ? value : null;
  };
  const wait = Number(retryAfter ?? NaN);
  return new Problem(status, member('detail') ?? member('title') ?? '', {
    at: member('at'),
    kind: member('type')?.match(/\/problems\/([a-z-]+)$/)?.[1] ?? null,
    retryAfter: Number.isFinite(wait) && wait > 0 ? wait : null,
    members,
  });
}

export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await call(path, { signal: signal ?? null, headers: { accept: 'application/json' } });
  return (await response.json()) as T;
}

type Method = 'POST' | 'PUT' | 'PATCH';

/** Undefined where the server answers without a body. */
export async function sendJson<T>(
  method: Method,
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<T> {
  const response = await call(path, {
    method,
    headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return (response.status === 204 ? undefined : await response.json()) as T;
}

export async function remove(path: string): Promise<void> {
  await call(path, { method: 'DELETE' });
}

/** A file on its way: how much of it has left, and the way to stop it. */
export type Upload<T> = { done: Promise<T>; cancel: () => void };

/** `fetch` does not tell how much of a body has been sent. A cancelled upload ends as an `AbortError`. */
export function upload<T>(
  path: string,
  body: FormData,
  onProgress: (sent: number, total: number) => void,
): Upload<T> {
  const request = new XMLHttpRequest();
  const done = new Promise<T>((resolve, reject) => {
    request.upload.onprogress = (event) => onProgress(event.loaded, event.total);
    request.onerror = () => reject(new Problem(0, ''));
    request.onabort = () => reject(new DOMException('cancelled', 'AbortError'));
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) return resolve(readJson(request.responseText) as T);
      noteStatus(request.status);
      reject(
        toProblem(request.status, readJson(request.responseText), request.getResponseHeader('retry-after')),
      );
    };
    request.open('POST', toPath(path));
    request.setRequestHeader('accept', 'application/json');
    request.send(body);
  });
  return { done, cancel: () => request.abort() };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Server-sent events of one name, as JSON; returns the undo. `onError` is called once, and nothing follows it. */
export function listen(
  path: string,
  name: string,
  onData: (data: unknown) => void,
  onError: () => void,
): () => void {
  return listenToAll(path, { [name]: onData }, onError);
}

/** The same of several names. */
export function listenToAll(
  path: string,
  onData: Record<string, (data: unknown) => void>,
  onError: () => void,
): () => void {
  const events = new EventSource(toPath(path));
  for (const [name, hear] of Object.entries(onData)) {
    events.addEventListener(name, (event) => hear(readJson(String(event.data))));
  }
  // The browser would try for ever, also behind a proxy that never lets a stream through.
  events.onerror = () => {
    events.close();
    onError();
  };
  return () => events.close();
}

/** Fetched instead of linked, so that a refusal can be shown beside the button. */
export async function download(path: string, fallbackName: string): Promise<void> {
  const response = await call(path, {});
  const name = attachmentName(response.headers.get('content-disposition')) ?? fallbackName;
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

export function attachmentName(header: string | null): string | null {
  const encoded = header?.match(/filename\*=UTF-8''([^;]+)/i)?.[1];
  if (encoded) {
    try {
      return decodeURIComponent(encoded);
    } catch {
      return null;
    }
  }
  return header?.match(/filename="?([^";]+)"?/i)?.[1] ?? null;
}
