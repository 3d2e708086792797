/** Results as files, in the format that is chosen. */
import { FLOW_REPORT_FORMATS } from '../../../shared/flow/report/report.ts'
import { useModel } from '../../app/model.ts'
import { Icon } from '../../ui/kit.tsx'
import { useMenu, type MenuItem } from '../../ui/menu.tsx'
import { exportResults } from './actions.ts'

const titles = { html: 'Report as HTML', json: 'Results as JSON', junit: 'JUnit XML' } as const

interface Props {
  readonly ids: readonly string[]
  readonly label: string
  /** Entries behind those of the formats. */
  readonly more?: readonly MenuItem[]
}

export function ExportMenu({ ids, label, more = [] }: Props) {
  const model = useModel()
  const { menu, open } = useMenu()
  const items = (): MenuItem[] => [
    ...FLOW_REPORT_FORMATS.toReversed().map((format) => ({
      title: titles[format],
      run: () => void exportResults(model, ids, format),
    })),
    ...more,
  ]
  return (
    <>
      <button
        type="button"
        className="button"
        aria-haspopup="menu"
        disabled={ids.length === 0}
        onClick={(event) => {
          const { left, bottom } = event.currentTarget.getBoundingClientRect()
          open({ x: left, y: bottom + 2, label, items: items() })
        }}
      >
        {label} <Icon name="down" />
      </button>
      {menu}
    </>
  )
}
