/** One handler for errors nobody foresaw: logged, and told to the person, one at a time. */
import { app, clipboard, dialog } from 'electron'
import { describeError, redact } from '../common/log.ts'

const CONTINUE = 0
const COPY = 1

export function handleUnexpected(
  log: (text: string, error?: unknown) => void,
): (error: unknown) => Promise<void> {
  let telling = false
  return async (error) => {
    log('Unexpected error', error)
    // A storm of errors is in the log; one window about it is enough.
    if (telling || !app.isReady()) return
    telling = true
    try {
      const { response } = await dialog.showMessageBox({
        type: 'error',
        title: 'Oktobench',
        message: 'Something went wrong that Oktobench did not expect.',
        detail: redact(error instanceof Error ? error.message : String(error)),
        buttons: ['Continue', 'Copy Error and Continue', 'Quit'],
        defaultId: CONTINUE,
        cancelId: CONTINUE,
        noLink: true,
      })
      if (response === COPY) clipboard.writeText(redact(describeError(error)))
      else if (response !== CONTINUE) app.quit()
    } finally {
      telling = false
    }
  }
}
