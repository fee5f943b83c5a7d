namespace KubeLab.Tests.Resources;

public sealed class KubeAgeTests
{
    // From apimachinery util/duration/duration_test.go.
    [Theory]
    [InlineData("00:00:01", "1s")]
    [InlineData("00:01:10", "70s")]
    [InlineData("00:01:59", "119s")]
    [InlineData("00:02:00", "2m")]
    [InlineData("00:03:00", "3m")]
    [InlineData("00:09:59", "9m59s")]
    [InlineData("01:10:00", "70m")]
    [InlineData("00:47:00", "47m")]
    [InlineData("03:00:00", "3h")]
    [InlineData("07:00:59", "7h")]
    [InlineData("07:05:00", "7h5m")]
    [InlineData("08:05:00", "8h")]
    [InlineData("1.23:59:59", "47h")]
    [InlineData("2.00:00:00", "2d")]
    [InlineData("7.23:00:00", "7d23h")]
    [InlineData("8.23:00:00", "8d")]
    [InlineData("729.00:00:00", "729d")]
    [InlineData("731.00:00:00", "2y1d")]
    [InlineData("2920.00:00:00", "8y")]
    [InlineData("-00:00:00.5", "0s")]
    [InlineData("-00:00:10", "<invalid>")]
    public void An_age_has_the_format_of_kubectl(string elapsed, string text) =>
        Assert.Equal(text, new KubeAge(TimeSpan.Parse(elapsed, System.Globalization.CultureInfo.InvariantCulture)).ToString());

    [Theory]
    [InlineData("-gt '5m'", true)]
    [InlineData("-gt '5m11s'", false)]
    [InlineData("-eq '5m10s'", true)]
    [InlineData("-lt '1h'", true)]
    [InlineData("-lt '2y1d'", true)]
    [InlineData("-lt '00:05:11'", true)]
    [InlineData("-ge ([TimeSpan]'00:05:10')", true)]
    public void PowerShell_compares_an_age_with_its_text_and_with_a_time_span(string comparison, bool isSo) =>
        Assert.Equal(isSo, Assert.Single(Pipeline.Shell.Run($"$age {comparison}",
            variables: new Dictionary<string, object?> { ["age"] = new KubeAge(TimeSpan.FromSeconds(310)) }).Good<bool>()));

    [Theory]
    [InlineData("")]
    [InlineData("m")]
    [InlineData("5m5h")]
    [InlineData("long")]
    public void Invalid_text_is_not_an_age(string text) => Assert.Throws<FormatException>(() => KubeAge.Parse(text));

    [Fact]
    public void Ages_are_sorted_by_time() =>
        Assert.Equal(["9s", "80s", "5m"], new[] { 300, 9, 80 }.Select(s => new KubeAge(TimeSpan.FromSeconds(s))).Order().Select(a => a.ToString()));

    [Fact]
    public void An_age_is_one_number_in_JSON()
    {
        // ConvertTo-Json writes all public properties, of which a TimeSpan has fifteen.
        Assert.Equal([nameof(KubeAge.TotalSeconds)], typeof(KubeAge).GetProperties().Select(property => property.Name));
        Assert.Equal(310, new KubeAge(TimeSpan.FromSeconds(310)).TotalSeconds);
    }
}
