package dinghy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * JSON as the conformance cases have it: Map, List, String, Boolean, Long for integers, Double for other numbers. The
 * JDK has no reader of it. Expects valid JSON.
 */
final class Json {
  private final String text;
  private int at;

  private Json(String text) {
    this.text = text;
  }

  static Object read(Path file) throws IOException {
    return new Json(new String(Files.readAllBytes(file), StandardCharsets.UTF_8)).value();
  }

  private Object value() {
    switch (peek()) {
      case '{':
        return object();
      case '[':
        return list();
      case '"':
        return string();
      default:
        return word();
    }
  }

  private char peek() {
    while (Character.isWhitespace(text.charAt(at))) ++at;
    return text.charAt(at);
  }

  private boolean skip(char c) {
    boolean there = peek() == c;
    if (there) ++at;
    return there;
  }

  private Map<String, Object> object() {
    Map<String, Object> object = new LinkedHashMap<>();
    skip('{');
    while (!skip('}')) {
      peek();
      String key = string();
      skip(':');
      object.put(key, value());
      skip(',');
    }
    return object;
  }

  private List<Object> list() {
    List<Object> list = new ArrayList<>();
    skip('[');
    while (!skip(']')) {
      list.add(value());
      skip(',');
    }
    return list;
  }

  private String string() {
    StringBuilder string = new StringBuilder();
    for (++at; text.charAt(at) != '"'; ++at) {
      if (text.charAt(at) == '\\') {
        ++at;
        string.append(escaped(text.charAt(at)));
      } else {
        string.append(text.charAt(at));
      }
    }
    ++at;
    return string.toString();
  }

  private char escaped(char c) {
    if (c == 'n') return '\n';
    if (c != 'u') return c;
    at += 4;
    return (char) Integer.parseInt(text.substring(at - 3, at + 1), 16);
  }

  private Object word() {
    int begin = at;
    while ("+-.".indexOf(text.charAt(at)) >= 0 || Character.isLetterOrDigit(text.charAt(at))) ++at;
    String word = text.substring(begin, at);
    if (word.equals("true") || word.equals("false")) return word.equals("true");
    if (word.matches("-?[0-9]+")) return Long.valueOf(word);
    return Double.valueOf(word);
  }
}
