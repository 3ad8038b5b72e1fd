import { TagsField } from "@/ui/fields/tags-field";

interface TagsCardProps {
  readonly tags: readonly string[];
  onEdit(edit: { readonly add_tags: string[]; readonly remove_tags: string[] }): void;
}

export function TagsCard({ tags, onEdit }: TagsCardProps) {
  return (
    <section className="card" aria-label="Tags">
      <h2>Tags</h2>
      <div className="artifact-tags">
        <TagsField
          label="Add a tag"
          tags={tags}
          onChange={(now) =>
            onEdit({
              add_tags: now.filter((tag) => !tags.includes(tag)),
              remove_tags: tags.filter((tag) => !now.includes(tag)),
            })
          }
        />
      </div>
    </section>
  );
}
