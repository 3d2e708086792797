/** The names of the sheets of the access view. */
export type AccessOverlay =
  | 'access-save'
  | 'access-history'
  | 'access-import'
  | 'access-export'
  | 'access-password'
  | 'access-endpoints'
  | 'access-import-users'
