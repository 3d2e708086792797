/** The TLS lab: what this bench shows and asks for, and the certificates of its devices. */
import { useStore } from 'zustand'
import { useModel } from '../../app/model.ts'
import { Empty, Icon } from '../../ui/kit.tsx'
import { BenchCard } from './bench-card.tsx'
import { DeviceCertificates } from './device-certificates.tsx'
import { shownWords } from './words.ts'
import '../../list/list.css'
import './certificates.css'

export function CertificatesView() {
  const model = useModel()
  const lab = useStore(model.live, (state) => state.certificates)
  if (!lab) return <Empty>Connecting to the bench…</Empty>
  return (
    <div className="certificates">
      {lab.fault && (
        <div className="certificate-fault" role="alert">
          <Icon name="warning" />
          <span>
            <b>The server certificate {shownWords[lab.fault].fault}, on purpose.</b> Devices that check it do
            not connect over TLS until the right one is shown.
          </span>
          <span className="spacer" />
          <button type="button" className="button" onClick={() => void model.run('certificates.fault', {})}>
            Show the right one
          </button>
        </div>
      )}
      <div className="certificate-panes">
        <BenchCard lab={lab} />
        <DeviceCertificates lab={lab} />
      </div>
    </div>
  )
}
