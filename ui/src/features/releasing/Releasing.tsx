import { useAsk } from '../../api/client';
import type { ReleasingView } from '../../api/wire';
import { useDesk } from '../../app/desk';
import { go, href, type Route } from '../../app/router';
import { Screen } from '../../app/Screen';
import { Answer } from '../../components/Answer';
import { EmptyState } from '../../components/EmptyState';
import { Select } from '../../components/Field';
import { text } from '../../text';
import { Members } from './Members';
import { ProductTests } from './ProductTests';
import { TestPipeline } from './TestPipeline';
import { Trigger } from './Trigger';

/** How a product is tested and released as a whole: its tests, what carries them out and when, its members. */
export function Releasing({ route }: { route: Route }) {
  const { view: desk, product: current } = useDesk();
  const product = desk.products.find((each) => each.id === route.parts[0]) ?? current;
  if (!product) {
    return (
      <Screen title={text.releasing.link}>
        <EmptyState title={text.releasing.noProduct}>{text.releasing.noProductNext}</EmptyState>
      </Screen>
    );
  }
  const choose =
    desk.products.length > 1 ? (
      <Select label={text.app.product} hideLabel value={product.id} choices={desk.products.map((each) => ({ value: each.id, label: each.name }))} onChange={(event) => go(href(['releasing', event.target.value]))} />
    ) : null;
  return (
    <Screen title={text.releasing.title(product.name)} tools={choose}>
      <div className="body">
        <div className="pane">
          <Whole key={product.id} product={product.id} services={product.services.map((each) => each.name)} />
        </div>
      </div>
    </Screen>
  );
}

function Whole({ product, services }: { product: string; services: readonly string[] }) {
  const show = useAsk('releasing_show', { product });
  return (
    <Answer of={show}>
      {(view: ReleasingView) => (
        <div className="pad stack loose releasing">
          <p className="muted measure">{text.releasing.intro}</p>
          <ProductTests view={view} />
          <div className="cards">
            <TestPipeline view={view} />
            <Trigger view={view} />
          </div>
          <Members view={view} services={services} />
        </div>
      )}
    </Answer>
  );
}
