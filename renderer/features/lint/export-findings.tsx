/** Findings as a file: of every device, of one, or of the packets that the packet list shows. */
import type { Request } from '../../../shared/contract/contract.ts'
import { useModel } from '../../app/model.ts'
import { Icon } from '../../ui/kit.tsx'
import { MenuButton, type MenuItem } from '../../ui/menu.tsx'

const formats = [
  ['html', 'Report as HTML'],
  ['json', 'Findings as JSON'],
  ['junit', 'JUnit XML'],
] as const

interface Props {
  readonly capture: string
  /** Of the device in front, if there is one. */
  readonly endpoint: string | undefined
  /** Of the packet list; empty: none. */
  readonly filter: string
  readonly disabled: boolean
}

export function ExportFindings({ capture, endpoint, filter, disabled }: Props) {
  const model = useModel()
  // Written by a job, since every packet has to be checked first; the tray hands the file over.
  const write = async (request: Request<'lint.export'>) => {
    if (await model.run('lint.export', request)) model.captures.setState({ trayOpen: true })
  }
  const entries = (group: string, part: { readonly endpoint?: string; readonly filter?: string }) =>
    formats.map(([format, title], index) => ({
      title,
      ...(index === 0 && { group }),
      run: () => void write({ capture, format, ...part }),
    }))
  const items = (): MenuItem[] => [
    ...entries('Every device', {}),
    ...(endpoint === undefined ? [] : entries(`Only ${endpoint}`, { endpoint })),
    ...(filter === '' ? [] : entries(`Only packets that match ${filter}`, { filter })),
  ]
  return (
    <MenuButton label="Export the findings" items={items} disabled={disabled}>
      Export <Icon name="down" />
    </MenuButton>
  )
}
