using KubeLab.Engine.Flow;

namespace KubeLab.Tests.Flow;

public sealed class PrintableTests
{
    [Theory]
    [InlineData("\e]52;c;AA==\a", "^[]52;c;AA==^G")]
    [InlineData("\e[2J\e]0;title\e\\", "^[[2J^[]0;title^[\\")]
    [InlineData("\u009b2J\u0085\u0090", "<U+009B>2J<U+0085><U+0090>")]
    [InlineData("10%\r20%\b\0\v\f\u007f", "10%^M20%^H^@^K^L^?")]
    [InlineData("\u202egnp.exe\u2066\u2069\u200f\u061c", "<U+202E>gnp.exe<U+2066><U+2069><U+200F><U+061C>")]
    [InlineData("a\u2028b\u2029\ufeff\u200b", "a<U+2028>b<U+2029><U+FEFF><U+200B>")]
    [InlineData("\U000E0041", "<U+E0041>")]
    [InlineData("a\nb\tc\r\nd", "a\nb\tc\r\nd")]
    [InlineData(
        "\u05e9\u05dc\u05d5\u05dd \u00e4\u00f6 \U0001F469\u200D\U0001F467 \u0646\u200c\u0645",
        "\u05e9\u05dc\u05d5\u05dd \u00e4\u00f6 \U0001F469\u200D\U0001F467 \u0646\u200c\u0645")]
    [InlineData("\ud83d", "\ud83d")]
    [InlineData("", "")]
    public void Only_control_characters_are_escaped(string text, string shown) => Assert.Equal(shown, Printable.Text(text));

    [Theory]
    [InlineData("\e[1;31merror\e[0m \e[38;5;9mx", "\e[1;31merror\e[0m \e[38;5;9mx\e[0m")]
    [InlineData("\e[m\e]52;c;AA\a\e[2J", "\e[m^[]52;c;AA^G^[[2J\e[0m")]
    [InlineData("\u009b31mred\e[31", "<U+009B>31mred^[[31")]
    [InlineData("plain", "plain")]
    public void Colors_of_a_log_line_are_kept_and_reset_at_its_end(string line, string shown) => Assert.Equal(shown, Printable.Log(line));

    [Fact]
    public void Control_characters_in_errors_and_events_are_escaped()
    {
        var error = new KlException("X", KlErrorKind.Failed, "a\e", "m\e[2J", "n\u202e");
        Assert.Equal(("m^[[2J", "n<U+202E>", "a\e"), (error.Message, error.NextStep, error.Target));
        Assert.Equal("a^[: made^G", new LabEvent("a\e", LabEventKind.Changed, "made\a").ToString());
    }
}
