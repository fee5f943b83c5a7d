using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>Reads and writes JSON bodies.</summary>
internal static class CloudJson
{
    /// <summary>The options for responses: snake_case; unknown properties are ignored, and null keeps the default.</summary>
    public static JsonSerializerOptions Read { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowReadingFromString,
        Converters = { new UtcTime() },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { KeepDefaults } },
    };

    /// <summary>Serializes a request. Names are kept, because the APIs mix snake_case and camelCase.</summary>
    public static byte[] Write(object body) => JsonSerializer.SerializeToUtf8Bytes(body, body.GetType());

    private static void KeepDefaults(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
            if (property.Set is { } set)
                property.Set = (one, value) =>
                {
                    if (value is not null)
                        set(one, value);
                };
    }

    // Nova and Cinder sometimes omit the time zone, which is always UTC.
    private sealed class UtcTime : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            DateTimeOffset.TryParse(reader.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
                ? time : throw new JsonException("not a time");

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
    }
}
