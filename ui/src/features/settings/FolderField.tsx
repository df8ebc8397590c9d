import { useHost } from '../../api/client';
import { Button } from '../../components/Button';
import { TextField } from '../../components/Field';
import { text } from '../../text';

/** A folder with its button for the native dialog; typing a path works, too. */
export function FolderField({ value, onChange, label = text.connections.folder, hint }: { value: string; onChange: (folder: string) => void; label?: string; hint?: string }) {
  const host = useHost();
  return (
    <div className="folder">
      <TextField label={label} value={value} hint={hint} onChange={(event) => onChange(event.target.value)} />
      <Button
        onClick={() => {
          void host.openFolderDialog(label).then((folder) => (folder ? onChange(folder) : undefined));
        }}
      >
        {text.connections.choose}
      </Button>
    </div>
  );
}
