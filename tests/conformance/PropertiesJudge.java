/* SPDX-License-Identifier: MIT
 *
 * Reads each input with java.util.Properties.load(Reader) and says what was in it: the judge in
 * properties_judge.py.
 *
 * All integers are big-endian and of 32 bits. In: for each input its length and its bytes, to the end
 * of the stream. Out: for each input the number of properties, or -1 when load() refuses it; then
 * whether any property held half a surrogate pair; then each property's key and value, in the order
 * of the file, as a length in bytes and UTF-16BE, which holds whatever a String holds. */
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

public final class PropertiesJudge {
    /** Keeps what load() puts, in order and with duplicates. */
    private static final class Recorder extends Properties {
        private static final long serialVersionUID = 1;
        private final transient List<String> texts = new ArrayList<>();

        @Override
        public synchronized Object put(Object key, Object value) {
            texts.add((String) key);
            texts.add((String) value);
            return null;
        }
    }

    private static boolean holdsLoneSurrogate(String text) {
        return text.codePoints().anyMatch(point -> point >= 0xd800 && point <= 0xdfff);
    }

    private static void writeText(DataOutputStream out, String text) throws IOException {
        out.writeInt(2 * text.length());
        out.writeChars(text);
    }

    private static void judge(byte[] input, DataOutputStream out) throws IOException {
        Recorder recorder = new Recorder();
        boolean refused = false;
        try {
            recorder.load(new StringReader(new String(input, StandardCharsets.UTF_8)));
        } catch (IllegalArgumentException malformedEscape) {
            refused = true;
        }
        out.writeInt(refused ? -1 : recorder.texts.size() / 2);
        out.writeInt(recorder.texts.stream().anyMatch(PropertiesJudge::holdsLoneSurrogate) ? 1 : 0);
        if (!refused) {
            for (String text : recorder.texts) {
                writeText(out, text);
            }
        }
    }

    public static void main(String[] arguments) throws IOException {
        DataInputStream in = new DataInputStream(new BufferedInputStream(System.in));
        try (DataOutputStream out = new DataOutputStream(new BufferedOutputStream(System.out))) {
            for (;;) {
                int length;
                try {
                    length = in.readInt();
                } catch (EOFException end) {
                    return;
                }
                judge(in.readNBytes(length), out);
            }
        }
    }
}
