using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using SharpYaml;
using SharpYaml.Events;

namespace KubeLab.Engine.Manifests;

/// <summary>Resolves a YAML scalar like kubectl does: YAML 1.1 as in go-yaml v2 (resolve.go), where yes is true and 0644 is octal.</summary>
internal static partial class YamlScalar
{
    /// <exception cref="YamlException">The value does not match its tag, or JSON has no such value.</exception>
    public static JsonValue? Resolve(Scalar scalar)
    {
        var tag = (scalar.Tag ?? "").Replace("tag:yaml.org,2002:", "!!", StringComparison.Ordinal);
        var plain = tag.Length > 0 || scalar.Style == ScalarStyle.Plain ? Plain(scalar.Value) : JsonValue.Create(scalar.Value);
        var kind = plain?.GetValueKind() ?? JsonValueKind.Null;
        var (value, fits) = tag switch
        {
            "" => (plain, true),
            "!!null" => (plain, kind == JsonValueKind.Null),
            "!!bool" => (plain, kind is JsonValueKind.True or JsonValueKind.False),
            "!!int" => (plain, kind == JsonValueKind.Number && !plain!.TryGetValue<double>(out _)),
            "!!float" => (plain, kind == JsonValueKind.Number),
            "!!timestamp" => (JsonValue.Create(scalar.Value), Date().IsMatch(scalar.Value)),
            "!!binary" when Bytes(scalar.Value) is var bytes => (JsonValue.Create(Encoding.UTF8.GetString(bytes ?? [])), bytes is not null),
            // A string, or a custom tag.
            _ => (JsonValue.Create(scalar.Value), true),
        };
        return !fits ? throw ManifestDocumentReader.Invalid(scalar, $"'{scalar.Value}' does not match its tag {tag}.")
            : value?.TryGetValue<double>(out var real) == true && !double.IsFinite(real)
            ? throw ManifestDocumentReader.Invalid(scalar, $"JSON does not support {scalar.Value}; put it in quotes if it is a string.")
            : value;
    }

    private static JsonValue? Plain(string text)
    {
        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return null;
            case "y" or "Y" or "yes" or "Yes" or "YES" or "true" or "True" or "TRUE" or "on" or "On" or "ON":
                return JsonValue.Create(true);
            case "n" or "N" or "no" or "No" or "NO" or "false" or "False" or "FALSE" or "off" or "Off" or "OFF":
                return JsonValue.Create(false);
            case ".nan" or ".NaN" or ".NAN" or ".inf" or ".Inf" or ".INF" or "+.inf" or "+.Inf" or "+.INF" or "-.inf" or "-.Inf" or "-.INF":
                return JsonValue.Create(double.NaN);
        }
        if (!char.IsAsciiDigit(text[0]) && text[0] is not ('+' or '-' or '.'))
            return JsonValue.Create(text);
        var plain = text[0] == '.' ? text : text.Replace("_", "", StringComparison.Ordinal);
        return Integer(plain) is { } integer ? integer
            : Float().IsMatch(plain) && double.Parse(plain, NumberStyles.Float, CultureInfo.InvariantCulture) is var real
            && double.IsFinite(real) ? JsonValue.Create(real)
            : JsonValue.Create(text);
    }

    // Like strconv.ParseInt and ParseUint with base 0. Values that fit neither are floats.
    private static JsonValue? Integer(string text)
    {
        if (Whole().Match(text) is not { Success: true } match)
            return null;
        var (digits, radix) = match.Groups["hex"] is { Success: true } hex ? (hex.Value, 16)
            : match.Groups["bin"] is { Success: true } bin ? (bin.Value, 2)
            : match.Groups["oct"] is { Success: true } oct ? (oct.Value, 8)
            : (match.Groups["dec"].Value, 10);
        var value = digits.Aggregate(BigInteger.Zero, (sum, digit) => sum * radix + Convert.ToInt32(digit.ToString(), 16));
        value = text[0] == '-' ? -value : value;
        return value >= long.MinValue && value <= long.MaxValue ? JsonValue.Create((long)value)
            : value > 0 && value <= ulong.MaxValue ? JsonValue.Create((ulong)value) : null;
    }

    private static byte[]? Bytes(string text)
    {
        var bytes = new byte[text.Length];
        return !text.AsSpan().ContainsAny(' ', '\t') && Convert.TryFromBase64String(text, bytes, out var length) ? bytes[..length] : null;
    }

    [GeneratedRegex(@"^[-+]?(0[xX](?<hex>[0-9a-fA-F]{1,32})|0[bB](?<bin>[01]{1,64})|0[oO]?(?<oct>[0-7]{1,32})|(?<dec>0|[1-9][0-9]{0,40}))\z",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Whole();

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\z")]
    private static partial Regex Float();

    [GeneratedRegex(@"^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ][0-9].*)?\z")]
    private static partial Regex Date();
}
