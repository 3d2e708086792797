/** The names of the sheets of the messages view. */
export type MessagesOverlay = 'message-save' | 'message-rename' | 'message-import'
