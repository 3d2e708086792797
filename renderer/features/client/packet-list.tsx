/** What the client in front sent and received: one row a packet. */
import type { ClientPacketRow } from '../../../shared/contract/mqtt-client.ts'
import { useModel } from '../../app/model.ts'
import { ListGrid } from '../../list/list-grid.tsx'
import { clientColumns, noteSentence } from './columns.tsx'
import { rowMenu } from './row-menu.ts'

export function ClientPacketList() {
  const model = useModel()
  return (
    <ListGrid
      list={model.client.list}
      id="client-list"
      label="Packets of the client"
      columns={clientColumns}
      sentence={noteSentence}
      menu={(row: ClientPacketRow) => ({ label: `Packet ${row.no}`, items: rowMenu(model, row) })}
    />
  )
}
