// @vitest-environment happy-dom
import { act } from 'react'
import { createRoot } from 'react-dom/client'
import { expect, test } from 'vitest'
import { createModel, ModelProvider } from '../../../renderer/app/model.ts'
import { useKeptScroll } from '../../../renderer/app/use-kept-scroll.ts'
import { FakeHost } from '../fake-host.ts'
import { MemoryStorage } from '../memory-storage.ts'
import { noUpload } from '../no-upload.ts'
import { find } from './screen.ts'

function Part({ name }: { name: string }) {
  return <div className="part" ref={useKeptScroll(name)} />
}

test('a part of a view stands where it stood when one comes back to it, and no other part with it', () => {
  const model = createModel(new FakeHost(), new MemoryStorage(), noUpload)
  const root = createRoot(document.body.appendChild(document.createElement('div')))
  const show = (name?: string) =>
    act(() =>
      root.render(<ModelProvider value={model}>{name && <Part key={name} name={name} />}</ModelProvider>),
    )
  show('rules')
  find('.part').scrollTop = 120
  find('.part').dispatchEvent(new Event('scroll'))
  show()
  show('users')
  expect(find('.part').scrollTop).toBe(0)
  show('rules')
  expect(find('.part').scrollTop).toBe(120)
  act(() => root.unmount())
  model.close()
})
