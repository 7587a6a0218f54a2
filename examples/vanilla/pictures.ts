import { byId } from './dom';

/** What the page does with a picture file, or with the reason why it is none. */
export interface PictureHandlers {
  readonly onPicture: (picture: ImageBitmap) => void;
  readonly onFailure: (error: Error) => void;
}

/** Takes pictures from the file button, from a drop anywhere on the page, and from the clipboard. */
export function takePictures({ onPicture, onFailure }: PictureHandlers): void {
  const input = byId<HTMLInputElement>('file');
  const hint = byId('drop-hint');
  let latest = 0;

  const read = async (data: { readonly files: FileList | null } | null) => {
    const file = pick(data?.files ?? null);
    const turn = ++latest;
    try {
      const picture = await decode(file);
      if (turn === latest) onPicture(picture);
    } catch (error) {
      if (turn === latest) onFailure(error as Error);
    }
  };

  byId('choose').addEventListener('click', () => input.click());
  input.addEventListener('change', () => {
    if (input.files?.length) void read(input);
    // So that the same file can be chosen again.
    input.value = '';
  });
  document.addEventListener('paste', (event) => {
    if (event.clipboardData?.files.length) void read(event.clipboardData);
  });
  document.addEventListener('dragover', (event) => {
    event.preventDefault();
    hint.hidden = false;
  });
  document.addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) hint.hidden = true;
  });
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    hint.hidden = true;
    void read(event.dataTransfer);
  });
}

function pick(files: FileList | null): File | null {
  const all = [...(files ?? [])];
  return all.find(({ type }) => type.startsWith('image/')) ?? all[0] ?? null;
}

async function decode(file: File | null): Promise<ImageBitmap> {
  if (file === null) {
    throw new Error('That was no picture file. Save the picture on this device first, then drop or open the file.');
  }
  try {
    return await createImageBitmap(file);
  } catch (cause) {
    const sentence = `“${file.name}” is no picture that this browser can open. Try a JPEG or PNG file.`;
    throw new Error(sentence, { cause });
  }
}
