using System.Text.Json;
using System.Text.Json.Serialization;

namespace KubeLab.Engine.Flow.Records;

/// <summary>Reads and writes collections as JSON arrays.</summary>
internal sealed class KlCollectionConverter : JsonConverterFactory
{
    public override bool CanConvert(Type typeToConvert) => typeToConvert.IsGenericType && typeToConvert.GetGenericTypeDefinition() == typeof(KlCollection<>);

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(Of<>).MakeGenericType(typeToConvert.GetGenericArguments()))!;

#pragma warning disable CA1812 // Reflection creates it.
    private sealed class Of<T> : JsonConverter<KlCollection<T>>
#pragma warning restore CA1812
    {
        public override KlCollection<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            new(JsonSerializer.Deserialize<T[]>(ref reader, options) ?? []);

        public override void Write(Utf8JsonWriter writer, KlCollection<T> value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, value.ToArray(), options);
    }
}
