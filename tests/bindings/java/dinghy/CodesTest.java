package dinghy;

import static org.junit.Assert.assertEquals;

import dinghy.DinghyException.Code;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.Test;

public class CodesTest {
  @Test
  public void theCodesAreThoseOfTheHeader() throws Exception {
    byte[] header = Files.readAllBytes(Paths.get(System.getProperty("dinghy.header")));
    String text = new String(header, StandardCharsets.UTF_8);
    int begin = text.indexOf("DINGHY_OK = 0");
    Matcher constants =
        Pattern.compile("DINGHY_([A-Z_]+) = ([0-9]+)").matcher(text.substring(begin, text.indexOf("};", begin)));
    Map<Integer, String> expected = new TreeMap<>();
    while (constants.find()) expected.put(Integer.valueOf(constants.group(2)), constants.group(1));
    Map<Integer, String> codes = new TreeMap<>();
    codes.put(0, "OK");
    for (Code code : Code.values()) codes.put(code.ordinal() + 1, code.name());
    assertEquals(expected, codes);
  }
}
