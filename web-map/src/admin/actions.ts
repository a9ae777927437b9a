// What the server writes into its audit log.
export const actions = [
  'sign_in',
  'sign_in_failed',
  'sign_out',
  'password_changed',
  'view_as',
  'token_created',
  'token_revoked',
  'account_created',
  'account_changed',
  'link_created',
  'refused',
  'export',
  'import',
  'import_undone',
  'evaluate',
  'database_changed',
] as const;
