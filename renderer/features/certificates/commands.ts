/** What can be done with certificates from anywhere. */
import { focus, type Command } from '../../app/command.ts'
import { deliver } from '../../app/deliver.ts'
import type { Model } from '../../app/model.ts'

export const ENDPOINT_FIELD = 'certificate-endpoint'

const lab = (model: Model) => model.live.getState().certificates

/** Saves files of the bench; what went wrong becomes a notice. */
export async function saveFiles(model: Model, files: readonly string[]): Promise<void> {
  const answer = await deliver(model.host, files)
  if (!answer.ok) model.notices.getState().fail(answer.error)
}

export const certificateCommands: readonly Command[] = [
  {
    id: 'certificates.make',
    group: 'Bench',
    title: 'Make a device certificate',
    available: (model) => lab(model) !== undefined,
    run(model) {
      model.goTo('certificates')
      focus(ENDPOINT_FIELD)
    },
  },
  {
    id: 'certificates.authority',
    group: 'Bench',
    title: 'Save the authority of the lab…',
    available: (model) => lab(model) !== undefined,
    run(model) {
      const file = lab(model)?.authorityFile
      if (file !== undefined) void saveFiles(model, [file])
    },
  },
  {
    id: 'certificates.replace',
    group: 'Bench',
    title: 'Replace the authority of the lab…',
    available: (model) => lab(model) !== undefined,
    run: (model) => model.show('replace-authority'),
  },
  {
    id: 'certificates.right',
    group: 'Bench',
    title: 'Show the right server certificate again',
    available: (model) => lab(model)?.fault !== undefined,
    run: (model) => void model.run('certificates.fault', {}),
  },
]
