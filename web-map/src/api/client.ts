// The only place that calls the server. A refusal becomes a `Problem`, whose message is the sentence
// the server wrote for the reader.

export class Problem extends Error {
  readonly status: number;
  readonly at: string | null;

  constructor(status: number, message: string, at: string | null = null) {
    super(message);
    this.name = 'Problem';
    this.status = status;
    this.at = at;
  }
}

/** Status 0: the server was not reached at all. */
async function call(path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { credentials: 'same-origin', ...init });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new Problem(0, '');
  }
  if (!response.ok) throw await problem(response);
  return response;
}

async function problem(response: Response): Promise<Problem> {
  const body: unknown = await response.json().catch(() => null);
  const member = (name: string) => {
    const value = typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : null;
    return typeof value === 'string' ? value : null;
  };
  return new Problem(response.status, member('detail') ?? member('title') ?? '', member('at'));
}

export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await call(path, { signal: signal ?? null, headers: { accept: 'application/json' } });
  return (await response.json()) as T;
}

export async function postJson<T>(path: string, body: unknown): Promise<T> {
  const response = await call(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(body),
  });
  return (await response.json()) as T;
}

export async function remove(path: string): Promise<void> {
  await call(path, { method: 'DELETE' });
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
