// Papers of lists: attachments of cases, PDFs, the office's own workbooks, reports; as the server answers them.
import { useQuery } from '@tanstack/react-query';
import { getJson, remove, sendJson, upload } from './client';

export type Attachment = {
  attachment_id: number;
  case_code: string;
  name: string;
  kind: string;
  bytes: number;
  sha256: string;
  note: string | null;
  recorded_by: string;
  recorded_at: string;
  /** A withdrawn file is gone; that it was there stays. */
  withdrawn_by: string | null;
  withdrawn_at: string | null;
  withdrawn_reason: string | null;
};
export type Attachments = {
  attachments: Attachment[];
  limits: { file_bytes: number; case_bytes: number; kinds: string[] };
};

const ofCase = (code: string) => `/api/v1/cases/${encodeURIComponent(code)}`;
export const attachmentPath = (it: Pick<Attachment, 'case_code' | 'attachment_id'>) =>
  `${ofCase(it.case_code)}/attachments/${it.attachment_id}`;

export function useAttachments(code: string) {
  return useQuery({
    queryKey: ['attachments', code],
    queryFn: ({ signal }) => getJson<Attachments>(`${ofCase(code)}/attachments`, signal),
  });
}

export function attach(
  code: string,
  file: File,
  note: string,
  onProgress: (sent: number, total: number) => void,
) {
  const body = new FormData();
  // Before the file: the server reads the parts in order.
  if (note !== '') body.append('note', note);
  body.append('file', file, file.name);
  return upload<Attachment>(`${ofCase(code)}/attachments`, body, onProgress);
}

export const withdraw = (it: Attachment, reason: string) =>
  remove(`${attachmentPath(it)}?reason=${encodeURIComponent(reason)}`);

export type SheetKind = 'parcel' | 'enterprise';

const query = (of: Readonly<Record<string, string>>) => new URLSearchParams(of).toString();
const list = (listId: number) => `/api/v1/lists/${listId}`;

export const sheetPath = (code: string, kind: SheetKind, lang: string) =>
  `${ofCase(code)}/sheet.pdf?${query({ kind, lang })}`;
export const sheetsPath = (listId: number, kind: SheetKind, lang: string) =>
  `${list(listId)}/sheets.pdf?${query({ kind, lang })}`;
export const planPath = (listId: number, paper: 'A4' | 'A3', lang: string) =>
  `${list(listId)}/list.pdf?${query({ paper, lang })}`;
export const wallPath = (listId: number, paper: 'A0' | 'A1' | 'A3', lang: string) =>
  `${list(listId)}/wall.pdf?${query({ paper, lang })}`;
export const listFilePath = (listId: number, format: string, template?: number) =>
  `${list(listId)}/export?${query({ format, ...(template === undefined ? {} : { template: String(template) }) })}`;

export type Template = {
  template_id: number;
  name: string;
  bytes: number;
  responsible_unit: string | null;
  recorded_by: string;
  recorded_at: string;
  placeholders: { sheet: string; cell: string; text: string }[];
};
export type Placeholder = { name: string; title: string };
export type Placeholders = Record<'list' | 'row' | 'total', Placeholder[]>;
export type TemplateFault = { sheet: string; cell: string; why: string };

const templates = '/api/v1/list-templates';

export function useTemplates(asked = true) {
  return useQuery({
    queryKey: ['list_templates'],
    queryFn: async ({ signal }) => (await getJson<{ templates: Template[] }>(templates, signal)).templates,
    enabled: asked,
    staleTime: 60_000,
  });
}

export function usePlaceholders() {
  return useQuery({
    queryKey: ['list_placeholders'],
    queryFn: ({ signal }) => getJson<Placeholders>(`${templates}/placeholders`, signal),
    staleTime: Infinity,
  });
}

export function addTemplate(file: File) {
  const body = new FormData();
  body.append('file', file, file.name);
  return upload<Template>(templates, body, () => undefined);
}

export const removeTemplate = (templateId: number) => remove(`${templates}/${templateId}`);

export const reportKinds = ['weekly', 'monthly', 'quarterly', 'half_year'] as const;
export type ReportKind = (typeof reportKinds)[number];
export type Report = {
  report_id: number;
  kind: ReportKind;
  period: string;
  as_of: string | null;
  format: 'docx' | 'pdf';
  state: 'queued' | 'running' | 'done' | 'failed';
  title: string | null;
  bytes: number | null;
  problem: string | null;
  recorded_by: string;
  recorded_at: string;
  finished_at: string | null;
};
export type NewReport = { kind: ReportKind; period?: string; as_of?: string; format: Report['format'] };

const reports = '/api/v1/reports';
/** Milliseconds between two looks at a report under way. */
const pause = 1000;

/** The newest; looked at again while one of them is under way. */
export function useReports() {
  return useQuery({
    queryKey: ['reports'],
    queryFn: async ({ signal }) =>
      (await getJson<{ reports: Report[] }>(`${reports}?limit=20`, signal)).reports,
    refetchInterval: ({ state }) => (state.data?.some((it) => !isOver(it)) ? pause : false),
  });
}

export const isOver = (it: Report) => it.state === 'done' || it.state === 'failed';
export const makeReport = (given: NewReport) => sendJson<Report>('POST', reports, given);
export const reportPath = (it: Report) => `${reports}/${it.report_id}/file`;
