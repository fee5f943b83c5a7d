using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;

namespace KubeLab.Engine.Reliability.Report;

/// <summary>Measurements as JSON. Times are ISO 8601. The unit of other values is in the name: durationSeconds, p99Milliseconds, startNanoseconds.</summary>
internal static class JsonReport
{
    /// <summary>Increased when a property is removed or changes its meaning.</summary>
    public const int Version = 1;

    internal static JsonSerializerOptions Options { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.Create(UnicodeRanges.All),
        Converters = { new SecondsConverter(), new FiniteConverter(), new JsonStringEnumConverter() },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { AddUnits } },
    };

    public static string Render(IReadOnlyList<ReportEntry> entries, ReportThresholds thresholds)
    {
        var results = entries.Select(one => new { one.Kind, Measurement = (object)one.Measurement, Checks = one.Check(thresholds) });
        return JsonSerializer.Serialize(new { Format = "kubelab-report", Version, Thresholds = thresholds, Results = results }, Options) + "\n";
    }

    private static void AddUnits(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
            if (property.PropertyType == typeof(TimeSpan) || property.PropertyType == typeof(TimeSpan?)
                || property.PropertyType == typeof(IReadOnlyDictionary<object, TimeSpan>))
                property.Name += "Seconds";
            else if (type.Type == typeof(KlOperation) && property.Name is "start" or "end")
                property.Name += "Nanoseconds";
            else if (type.Type == typeof(KlLatency) || type.Type == typeof(KlTimelinePoint) && property.PropertyType == typeof(double?))
                property.Name += "Milliseconds";
    }

    private sealed class SecondsConverter : JsonConverter<TimeSpan>
    {
        public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            TimeSpan.FromSeconds(reader.GetDouble());

        public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) => writer.WriteNumberValue(value.TotalSeconds);
    }

    // JSON has no infinity, and the availability of nothing is not a number.
    private sealed class FiniteConverter : JsonConverter<double>
    {
        public override bool HandleNull => true;

        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Null ? double.NaN : reader.GetDouble();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
        {
            if (double.IsFinite(value))
                writer.WriteNumberValue(value);
            else
                writer.WriteNullValue();
        }
    }
}
