import { useHost } from '../../api/client';
import { Button } from '../../components/Button';
import { TextField } from '../../components/Field';
import { text } from '../../text';

/** A file with its button for the native dialog; typing a path works, too. */
export function FileField({ label, hint, extensions, value, onChange }: { label: string; hint: string; extensions: readonly string[]; value: string; onChange: (file: string) => void }) {
  const host = useHost();
  return (
    <div className="folder">
      <TextField label={label} value={value} hint={hint} onChange={(event) => onChange(event.target.value)} />
      <Button
        onClick={() => {
          void host.openFileDialog(label, extensions).then((file) => (file ? onChange(file) : undefined));
        }}
      >
        {text.connections.choose}
      </Button>
    </div>
  );
}
