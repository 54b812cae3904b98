#!/bin/sh
# Remakes the fonts in mobile/assets/fonts from their published packages.
# Needs npm and uv; run it after adding a glyph to mobile/ui/icons.py.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
fonts="$here/mobile/assets/fonts"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cd "$work"
npm pack --silent @expo-google-fonts/noto-sans-sc@0.4.3 @mdi/font@7.4.47
for archive in *.tgz; do mkdir "${archive%.tgz}" && tar xzf "$archive" -C "${archive%.tgz}"; done
noto=$(echo expo-google-fonts-*/package) mdi=$(echo mdi-font-*/package)

# Names hold rare hanzi, so the regular weight ships whole; headings need GB 2312 only.
cp "$noto/400Regular/NotoSansSC_400Regular.ttf" "$fonts/NotoSansSC-Regular.ttf"
cp "$noto/LICENSE_FONT" "$fonts/NotoSansSC-OFL.txt"
# The backend embeds it in documents, and its image holds nothing of the phone's program.
cp "$fonts/NotoSansSC-Regular.ttf" "$fonts/NotoSansSC-OFL.txt" "$here/backend/foundation/fonts"
cp "$mdi/LICENSE" "$fonts/MaterialDesignIcons-LICENSE.txt"

python3 - > bold.txt <<'PY'
pairs = (bytes((high, low)) for high in range(0xA1, 0xF8) for low in range(0xA1, 0xFF))
chinese = "".join(pair.decode("gb2312", "ignore") for pair in pairs)
print("".join(map(chr, range(0x20, 0x7F))) + chinese + "·–—…¥×✓")
PY
sed -n 's/.*"\\U\(000f[0-9a-f]*\)".*/\1/p' "$here/mobile/ui/icons.py" > icons.txt

subset() { uvx --quiet --from fonttools==4.68.0 pyftsubset "$@"; }
subset "$noto/700Bold/NotoSansSC_700Bold.ttf" --text-file=bold.txt \
    --output-file="$fonts/NotoSansSC-Bold.ttf"
subset "$mdi/fonts/materialdesignicons-webfont.ttf" --unicodes-file=icons.txt \
    --output-file="$fonts/MaterialDesignIcons.ttf"
ls -l "$fonts"
