import { TagsField } from "@/ui/fields/tags-field";
import { Tag } from "@/ui/text/tag";

interface TagsCardProps {
  readonly tags: readonly string[];
  /** Absent: they may not be changed. */
  onEdit: ((edit: { readonly add_tags: string[]; readonly remove_tags: string[] }) => void) | undefined;
}

export function TagsCard({ tags, onEdit }: TagsCardProps) {
  return (
    <section className="card" aria-label="Tags">
      <h2>Tags</h2>
      <div className="artifact-tags">
        {onEdit ? (
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
        ) : (
          <span className="row">
            {tags.length > 0 ? tags.map((tag) => <Tag key={tag}>{tag}</Tag>) : "none"}
          </span>
        )}
      </div>
    </section>
  );
}
