/** The names of the sheets of the MQTT client. */
export type ClientOverlay =
  | 'client-profile'
  | 'client-subscription'
  | 'client-save'
  | 'client-rename'
  | 'client-disconnect'
  | 'client-authenticate'
  | 'client-export'
  | 'client-import'
